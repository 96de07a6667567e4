/* Tables and data tables. */

import { useState, type ReactNode } from "react";
import type { Block, Json } from "../types.ts";
import { RichText } from "./richtext.tsx";

function Cell({ cell }: { cell: Json | null }): ReactNode {
  if (!cell) return null;
  if (cell.type === "rich_text") return <RichText elements={cell.elements} />;
  if (cell.type === "raw_number") return <>{cell.text ?? cell.value ?? cell.number}</>;
  return <>{cell.text ?? `(${cell.type})`}</>;
}

export function Table({ rows, columns }: { rows: Json[][]; columns: (Json | null)[] }): ReactNode {
  const align = (at: number): string => `${columns[at]?.align ?? ""} ${columns[at]?.is_wrapped ? "wrapped" : ""}`;
  const [head = [], ...body] = rows;
  return (
    <div className="b-table" tabIndex={0} role="group" aria-label="Table">
      <table>
        <thead>
          <tr>
            {head.map((cell, at) => (
              <th key={at} scope="col" className={align(at)}>
                <Cell cell={cell} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {body.map((row, number) => (
            <tr key={number}>
              {row.map((cell, at) => (
                <td key={at} className={align(at)}>
                  <Cell cell={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const cellText = (cell: Json | undefined): string | number =>
  !cell ? "" : cell.type === "raw_number" ? Number(cell.value ?? cell.number ?? cell.text) : cell.type === "rich_text" ? JSON.stringify(cell.elements) : String(cell.text ?? "");

export function DataTable({ block }: { block: Block }): ReactNode {
  const [head = [], ...body] = block.rows as Json[][];
  const size = block.page_size ?? 5;
  const [page, setPage] = useState(0);
  const [by, setBy] = useState<{ column: number; down: boolean } | null>(null);
  const sorted = by
    ? body.toSorted((a, b) => {
        const [one, other] = [cellText(a[by.column]), cellText(b[by.column])];
        return (one < other ? -1 : one > other ? 1 : 0) * (by.down ? -1 : 1);
      })
    : body;
  const pages = Math.max(1, Math.ceil(body.length / size));
  return (
    <div className="b-table" role="group" aria-label={block.caption} tabIndex={0}>
      <table>
        <caption>{block.caption}</caption>
        <thead>
          <tr>
            {head.map((cell, at) => (
              <th key={at} scope="col" aria-sort={by?.column === at ? (by.down ? "descending" : "ascending") : "none"}>
                <button type="button" className="linkish" onClick={() => setBy({ column: at, down: by?.column === at && !by.down })}>
                  <Cell cell={cell} />
                </button>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sorted.slice(page * size, page * size + size).map((row, number) => (
            <tr key={number}>
              {row.map((cell, at) =>
                at === block.row_header_column_index ? (
                  <th scope="row" key={at}>
                    <Cell cell={cell} />
                  </th>
                ) : (
                  <td key={at} className={cell?.type === "raw_number" ? "right" : ""}>
                    <Cell cell={cell} />
                  </td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
      {pages > 1 && (
        <div className="pages">
          <button type="button" className="btn quiet" disabled={page === 0} onClick={() => setPage(page - 1)}>
            Previous
          </button>
          <span>
            Page {page + 1} of {pages}
          </span>
          <button type="button" className="btn quiet" disabled={page >= pages - 1} onClick={() => setPage(page + 1)}>
            Next
          </button>
        </div>
      )}
    </div>
  );
}
