/* Block Kit, drawn. A block that can't be drawn says so in its place and harms no other. */

import { Component, lazy, Suspense, useContext, useId, useState, type ReactNode } from "react";
import { Icon } from "../icons.tsx";
import type { Block, Json } from "../types.ts";
import { Chart } from "./charts.tsx";
import { SurfaceContext, useSurface } from "./context.ts";
import { Element } from "./elements.tsx";
import { Link, Plain, plain, Text } from "./mrkdwn.tsx";
import { Picture } from "./picture.tsx";
import { RichText } from "./richtext.tsx";
import { DataTable, Table } from "./tables.tsx";

const MarkdownBlock = lazy(() => import("./markdown.tsx"));

export function Blocks({ blocks }: { blocks: Block[] }): ReactNode {
  const seen = new Set<string>();
  return blocks.map((block, at) => {
    const id = block.block_id ?? "";
    const key = id && !seen.has(id) ? id : `${id}-${at}`; // by its id, so that a field stays the same where others come and go
    seen.add(id);
    return (
      <Guard key={key} name={block.type}>
        <One block={block} />
      </Guard>
    );
  });
}

class Guard extends Component<{ name: string; children: ReactNode }, { failed: boolean }> {
  state = { failed: false };
  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }
  render(): ReactNode {
    return this.state.failed ? <div className="unknown">This {this.props.name} block can't be drawn.</div> : this.props.children;
  }
}

function One({ block }: { block: Block }): ReactNode {
  const id = block.block_id ?? "";
  switch (block.type) {
    case "section":
      return <Section block={block} />;
    case "header":
      return (
        <h4 className="b-header">
          <Plain text={block.text.text} emoji={block.text.emoji ?? true} />
        </h4>
      );
    case "divider":
      return <hr className="b-divider" />;
    case "context":
      return (
        <div className="b-context">
          {(block.elements as Json[]).map((element, at) => (
            <span key={at}>
              <Element block={id} element={element} />
            </span>
          ))}
        </div>
      );
    case "actions":
    case "context_actions":
      return (
        <div className={`b-actions ${block.type}`}>
          {(block.elements as Json[]).map((element, at) => (
            <Element key={element.action_id ?? at} block={id} element={element} />
          ))}
        </div>
      );
    case "input":
      return <Input block={block} />;
    case "image":
      return (
        <figure className="b-image">
          {block.title && (
            <figcaption>
              <Plain text={block.title.text} />
            </figcaption>
          )}
          <Picture image={block} />
        </figure>
      );
    case "rich_text":
      return <RichText elements={block.elements} />;
    case "markdown":
      return (
        <Suspense fallback={<div className="markdown">{block.text}</div>}>
          <MarkdownBlock text={block.text} />
        </Suspense>
      );
    case "table":
      return <Table rows={block.rows} columns={block.column_settings ?? []} />;
    case "data_table":
      return <DataTable block={block} />;
    case "data_visualization":
      return <Chart title={block.title} chart={block.chart} />;
    case "card":
      return <Card block={block} />;
    case "carousel":
      return (
        <div className="b-carousel" role="group" aria-label="Cards" tabIndex={0}>
          {(block.elements as Block[]).map((card, at) => (
            <Card key={at} block={{ ...card, block_id: card.block_id ?? id }} />
          ))}
        </div>
      );
    case "container":
      return <Container block={block} />;
    case "alert":
      return (
        <div className={`b-alert ${block.level ?? "default"}`} role="note">
          <Icon name={block.level === "success" ? "check" : "warn"} />
          <div>
            <Text of={block.text} />
          </div>
        </div>
      );
    case "plan":
      return (
        <section className="b-plan">
          <h5>{block.title}</h5>
          {((block.tasks ?? []) as Block[]).map((task, at) => (
            <Task key={task.task_id ?? at} block={task} />
          ))}
        </section>
      );
    case "task_card":
      return <Task block={block} />;
    case "video":
      return (
        <div className="b-card">
          <strong>{block.title_url ? <Link to={block.title_url}>{block.title.text}</Link> : block.title.text}</strong>
          {(block.author_name || block.provider_name) && <small>{[block.author_name, block.provider_name].filter(Boolean).join(" · ")}</small>}
          {block.description && <div>{block.description.text}</div>}
          <Picture image={{ image_url: block.thumbnail_url, alt_text: block.alt_text }} />
          <Link to={block.video_url}>Watch the video</Link>
        </div>
      );
    case "file":
      return (
        <div className="b-file">
          <Icon name="file" /> Remote file ({block.external_id})
        </div>
      );
    default:
      return <div className="unknown">({block.type})</div>;
  }
}

function Section({ block }: { block: Block }): ReactNode {
  const [open, setOpen] = useState(false);
  const text: string = block.text?.text ?? "";
  const long = !block.expand && !open && (text.length > 700 || text.split("\n").length > 12);
  return (
    <div className="b-section">
      <div className="b-section-text">
        {block.text && (
          <div className={long ? "folded" : undefined}>
            <Text of={block.text} />
          </div>
        )}
        {long && (
          <button type="button" className="linkish" onClick={() => setOpen(true)}>
            See more
          </button>
        )}
        {block.fields && (
          <div className="b-fields">
            {(block.fields as Json[]).map((field, at) => (
              <div key={at}>
                <Text of={field as never} />
              </div>
            ))}
          </div>
        )}
      </div>
      {block.accessory && (
        <div className="b-accessory">
          <Element block={block.block_id ?? ""} element={block.accessory} />
        </div>
      )}
    </div>
  );
}

function Input({ block }: { block: Block }): ReactNode {
  const { errors } = useSurface();
  const id = useId();
  const error = errors[block.block_id ?? ""];
  const described = [block.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const grouped = /^(checkboxes|radio_buttons)$/.test(block.element.type);
  const words = (
    <>
      {plain(block.label.text)}
      {block.optional && <span className="optional"> (optional)</span>}
    </>
  );
  return (
    <div className={error ? "b-input wrong" : "b-input"}>
      {grouped ? (
        <div id={`${id}-label`} className="label">
          {words}
        </div>
      ) : (
        <label id={`${id}-label`} className="label" htmlFor={id}>
          {words}
        </label>
      )}
      <Element block={block.block_id ?? ""} element={block.element} label={{ id, labelledBy: `${id}-label`, describedBy: described, dispatch: Boolean(block.dispatch_action), optional: Boolean(block.optional) }} />
      {error && (
        <p className="error" id={`${id}-error`} role="alert">
          {error}
        </p>
      )}
      {block.hint && (
        <p className="hint" id={`${id}-hint`}>
          {block.hint.text}
        </p>
      )}
    </div>
  );
}

function Card({ block }: { block: Block }): ReactNode {
  return (
    <article className="b-card">
      {block.hero_image && <Picture image={block.hero_image} />}
      <div className="b-card-head">
        {block.icon && <Picture image={block.icon} small />}
        <div>
          {block.title && (
            <strong>
              <Text of={block.title} />
            </strong>
          )}
          {block.subtitle && (
            <small>
              <Text of={block.subtitle} />
            </small>
          )}
        </div>
      </div>
      {block.body && (
        <div>
          <Text of={block.body} />
        </div>
      )}
      {block.actions && (
        <div className="b-actions">
          {(block.actions as Json[]).map((button, at) => (
            <Element key={button.action_id ?? at} block={block.block_id ?? ""} element={button} />
          ))}
        </div>
      )}
    </article>
  );
}

function Container({ block }: { block: Block }): ReactNode {
  const surface = useContext(SurfaceContext);
  const inside = (
    <SurfaceContext value={surface}>
      <Blocks blocks={block.child_blocks ?? []} />
    </SurfaceContext>
  );
  const head = (
    <>
      {block.icon && <Picture image={block.icon} small />}
      <span>
        <strong>{block.title ? <Plain text={block.title.text} /> : block.rich_text_title ? <RichText elements={block.rich_text_title.elements} /> : null}</strong>
        {block.subtitle && (
          <small>
            <Text of={block.subtitle} />
          </small>
        )}
      </span>
    </>
  );
  if (block.is_collapsible)
    return (
      <details className={`b-container ${block.width ?? ""}`} open={!block.default_collapsed}>
        <summary>{head}</summary>
        {inside}
      </details>
    );
  return (
    <section className={`b-container ${block.width ?? ""}`}>
      <div className={block.has_header_divider ? "b-container-head ruled" : "b-container-head"}>{head}</div>
      {inside}
    </section>
  );
}

const SIGNS: Record<string, string> = { pending: "○", in_progress: "◐", complete: "●", error: "✕" };

function Task({ block }: { block: Block }): ReactNode {
  const head = (
    <>
      <span aria-hidden>{SIGNS[block.status] ?? "○"}</span> {block.title} <small>{String(block.status ?? "").replace("_", " ")}</small>
    </>
  );
  const hasMore = block.details || block.output || block.sources?.length;
  if (!hasMore)
    return (
      <div className="b-task" data-status={block.status}>
        {head}
      </div>
    );
  return (
    <details className="b-task" data-status={block.status}>
      <summary>{head}</summary>
      {block.details && <RichText elements={block.details.elements} />}
      {block.output && <RichText elements={block.output.elements} />}
      {((block.sources ?? []) as Json[]).map((source, at) => (
        <div key={at}>
          <Link to={source.url}>{source.text ?? source.url}</Link>
        </div>
      ))}
    </details>
  );
}
