/* data_visualization: lines, bars, areas and pies, with the same figures as a table for those who don't see them. */

import type { ReactNode } from "react";
import type { Json } from "../types.ts";

const WIDTH = 560;
const HEIGHT = 220;
const PAD = { left: 40, right: 12, top: 12, bottom: 38 };
type Series = { name: string; data: { label: string; value: number }[] };

export function Chart({ title, chart }: { title: string; chart: Json }): ReactNode {
  const pie = chart.type === "pie";
  const series: Series[] = pie ? [{ name: title, data: chart.segments ?? [] }] : (chart.series ?? []);
  const axis = chart.axis_config ?? {};
  const categories: string[] = axis.categories ?? series[0]?.data.map((each) => each.label) ?? [];
  return (
    <figure className="chart">
      <figcaption>{title}</figcaption>
      {pie ? <Pie segments={series[0]!.data} /> : <Plot kind={chart.type} series={series} categories={categories} x={axis.x_label ?? axis.x_axis_label} y={axis.y_label ?? axis.y_axis_label} />}
      <ul className="legend" aria-hidden>
        {(pie ? series[0]!.data.map((each) => `${each.label} ${short(each.value)}`) : series.map((each) => each.name)).map((name, at) => (
          <li key={at}>
            <i className={`s${at % 6}`} />
            {name}
          </li>
        ))}
      </ul>
      <table className="unseen">
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">{pie ? "Segment" : (axis.x_label ?? "Label")}</th>
            {series.map((each, at) => (
              <th scope="col" key={at}>
                {each.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {(pie ? series[0]!.data.map((each) => each.label) : categories).map((label, at) => (
            <tr key={at}>
              <th scope="row">{label}</th>
              {series.map((each, column) => (
                <td key={column}>{each.data.find((one) => one.label === label)?.value ?? each.data[at]?.value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </figure>
  );
}

function Plot({ kind, series, categories, x, y }: { kind: string; series: Series[]; categories: string[]; x?: string; y?: string }): ReactNode {
  const values = series.flatMap((each) => each.data.map((one) => one.value));
  const top = nice(Math.max(...values, 1));
  const bottom = Math.min(0, ...values);
  const across = WIDTH - PAD.left - PAD.right;
  const up = HEIGHT - PAD.top - PAD.bottom;
  const atX = (index: number): number => PAD.left + (across * (index + 0.5)) / Math.max(categories.length, 1);
  const atY = (value: number): number => PAD.top + up * (1 - (value - bottom) / (top - bottom || 1));
  const value = (each: Series, index: number): number => (each.data.find((one) => one.label === categories[index]) ?? each.data[index])?.value ?? 0;
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => bottom + (top - bottom) * part);
  const wide = Math.min(28, (across / Math.max(categories.length, 1)) * (0.7 / Math.max(series.length, 1)));
  const every = Math.ceil(categories.length / 10);
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} aria-hidden>
      {ticks.map((tick) => (
        <g key={tick}>
          <line className="grid" x1={PAD.left} x2={WIDTH - PAD.right} y1={atY(tick)} y2={atY(tick)} />
          <text x={PAD.left - 6} y={atY(tick) + 4} textAnchor="end">
            {short(tick)}
          </text>
        </g>
      ))}
      {categories.map((label, index) =>
        index % every ? null : (
          <text key={index} x={atX(index)} y={HEIGHT - 21} textAnchor="middle">
            {label}
          </text>
        ),
      )}
      {series.map((each, number) => {
        const points = categories.map((_, index) => `${atX(index)},${atY(value(each, index))}`).join(" ");
        if (kind === "bar")
          return categories.map((_, index) => {
            const height = Math.abs(atY(value(each, index)) - atY(0));
            return (
              <rect
                key={`${number}-${index}`}
                className={`s${number % 6}`}
                x={atX(index) - (wide * series.length) / 2 + wide * number}
                y={Math.min(atY(value(each, index)), atY(0))}
                width={wide - 2}
                height={height}
                rx={3}
              />
            );
          });
        return (
          <g key={number} className={`s${number % 6}`}>
            {kind === "area" && <polygon className="area" points={`${atX(0)},${atY(0)} ${points} ${atX(categories.length - 1)},${atY(0)}`} />}
            <polyline points={points} />
            {categories.map((_, index) => (
              <circle key={index} cx={atX(index)} cy={atY(value(each, index))} r={3.5} />
            ))}
          </g>
        );
      })}
      {x && (
        <text className="axis" x={PAD.left + across / 2} y={HEIGHT - 5} textAnchor="middle">
          {x}
        </text>
      )}
      {y && (
        <text className="axis" transform={`translate(9 ${PAD.top + up / 2}) rotate(-90)`} textAnchor="middle">
          {y}
        </text>
      )}
    </svg>
  );
}

function Pie({ segments }: { segments: { label: string; value: number }[] }): ReactNode {
  const sum = segments.reduce((total, each) => total + each.value, 0) || 1;
  let from = -Math.PI / 2;
  return (
    <svg viewBox="0 0 220 220" className="pie" aria-hidden>
      {segments.map((each, at) => {
        const part = each.value / sum;
        const to = from + part * Math.PI * 2;
        const point = (angle: number): string => `${110 + 100 * Math.cos(angle)} ${110 + 100 * Math.sin(angle)}`;
        const path = part >= 0.9999 ? "M110 10 A100 100 0 1 1 109.9 10 Z" : `M110 110 L${point(from)} A100 100 0 ${part > 0.5 ? 1 : 0} 1 ${point(to)} Z`;
        from = to;
        return <path key={at} className={`s${at % 6}`} d={path} />;
      })}
      <circle className="hole" cx="110" cy="110" r="56" />
    </svg>
  );
}

function nice(most: number): number {
  const power = 10 ** Math.floor(Math.log10(most));
  return ([1, 2, 4, 5, 8, 10].find((step) => step * power >= most) ?? 10) * power;
}

const short = (value: number): string => (Math.abs(value) >= 10000 ? `${Math.round(value / 1000)}k` : String(Math.round(value * 100) / 100));
