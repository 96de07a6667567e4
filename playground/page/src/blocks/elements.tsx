/* Block Kit's interactive elements. Selects have a file of their own. */

import { Menu } from "@base-ui/react/menu";
import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { base64 } from "../files.ts";
import { Icon } from "../icons.tsx";
import type { Json } from "../types.ts";
import { useSurface } from "./context.ts";
import { Plain, plain, Text } from "./mrkdwn.tsx";
import { Picture } from "./picture.tsx";
import { Select } from "./select.tsx";
import { useValue, type Props } from "./value.ts";

export function Element(props: Omit<Props, "onUse">): ReactNode {
  const [failure, setFailure] = useState<string | null>(null);
  return (
    <>
      <Control {...props} onUse={setFailure} />
      {failure && (
        <span className="btn-error" role="alert">
          <Icon name="warn" /> {failure}
        </span>
      )}
    </>
  );
}

function Control(props: Props): ReactNode {
  const { element } = props;
  switch (element.type) {
    case "button":
    case "workflow_button":
      return <Button {...props} />;
    case "image":
      return <Picture image={element} small />;
    case "mrkdwn":
    case "plain_text":
      return <Text of={element as never} />;
    case "overflow":
      return <Overflow {...props} />;
    case "checkboxes":
    case "radio_buttons":
      return <Ticks {...props} />;
    case "datepicker":
    case "timepicker":
    case "datetimepicker":
      return <Moment {...props} />;
    case "plain_text_input":
    case "rich_text_input":
    case "number_input":
    case "email_text_input":
    case "url_text_input":
      return <TextInput {...props} />;
    case "file_input":
      return <FileInput {...props} />;
    case "icon_button":
      return <IconButton {...props} />;
    case "feedback_buttons":
      return <Feedback {...props} />;
    default:
      return /select$/.test(element.type) ? <Select {...props} /> : <span className="unknown">({element.type})</span>;
  }
}

/* Buttons */

function Button(props: Props): ReactNode {
  const { element } = props;
  const [, change, busy] = useValue(props);
  return (
    <button
      type="button"
      className={`btn ${element.style ?? ""}`}
      aria-label={element.accessibility_label}
      aria-busy={busy}
      onClick={() => {
        if (element.url && /^https?:/.test(element.url)) window.open(element.url, "_blank", "noopener,noreferrer");
        void change(element.value === undefined ? {} : { value: element.value }, true);
      }}
    >
      <Plain text={element.text?.text ?? ""} />
      {element.url && <span aria-hidden> ↗</span>}
    </button>
  );
}

function IconButton(props: Props): ReactNode {
  const [, change, busy] = useValue(props);
  const words = props.element.accessibility_label ?? props.element.text?.text ?? "";
  return (
    <button type="button" className="btn quiet" aria-busy={busy} aria-label={words} title={words} onClick={() => change(props.element.value === undefined ? {} : { value: props.element.value }, true)}>
      <Icon name={props.element.icon === "trash" ? "trash" : "more"} />
    </button>
  );
}

function Feedback(props: Props): ReactNode {
  const [held, change] = useValue(props);
  return (
    <span className="feedback">
      {(["positive_button", "negative_button"] as const).map((which) => {
        const one = props.element[which];
        if (!one) return null;
        return (
          <button type="button" key={which} className="btn quiet" aria-pressed={held.value === one.value} aria-label={one.accessibility_label ?? one.text?.text} onClick={() => change({ value: one.value }, true)}>
            <span aria-hidden>{which === "positive_button" ? "👍" : "👎"}</span>
          </button>
        );
      })}
    </span>
  );
}

function Overflow(props: Props): ReactNode {
  const [, change, busy] = useValue(props);
  return (
    <Menu.Root>
      <Menu.Trigger className="btn dots" aria-label="More actions" aria-busy={busy}>
        <Icon name="more" />
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner className="positioner" sideOffset={4} align="end">
          <Menu.Popup className="popup">
            {(props.element.options as Json[]).map((option) => (
              <Menu.Item
                key={option.value}
                className="item"
                onClick={() => {
                  if (option.url && /^https?:/.test(option.url)) window.open(option.url, "_blank", "noopener,noreferrer");
                  void change({ selected_option: option }, true);
                }}
              >
                <span>
                  <Plain text={option.text.text} />
                  {option.description && <small>{option.description.text}</small>}
                </span>
              </Menu.Item>
            ))}
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}

/* Ticks */

function Ticks(props: Props): ReactNode {
  const { element, label } = props;
  const [held, change] = useValue(props);
  const many = element.type === "checkboxes";
  const group = useId();
  const chosen: string[] = many ? (held.selected_options ?? []).map((each: Json) => each.value) : held.selected_option ? [held.selected_option.value] : [];
  const tick = (option: Json): void => {
    if (!many) return void change({ selected_option: option });
    const on = chosen.includes(option.value);
    const left = (element.options as Json[]).filter((each) => (each.value === option.value ? !on : chosen.includes(each.value)));
    void change({ selected_options: left });
  };
  return (
    <div role={many ? "group" : "radiogroup"} className="ticks" aria-labelledby={label?.labelledBy} aria-describedby={label?.describedBy} aria-label={label ? undefined : "Options"}>
      {(element.options as Json[]).map((option) => (
        <label key={option.value} className="tick">
          <input type={many ? "checkbox" : "radio"} name={group} checked={chosen.includes(option.value)} onChange={() => tick(option)} />
          <span>
            <Text of={option.text} />
            {option.description && (
              <small>
                <Text of={option.description} />
              </small>
            )}
          </span>
        </label>
      ))}
    </div>
  );
}

/* Dates and times: the browser's own inputs, which change with every digit; the bot hears of what it comes to */

const PAUSE = 700;

function Moment(props: Props): ReactNode {
  const { block, element, label } = props;
  const surface = useSurface();
  const [held, change] = useValue(props);
  const acts = !label || label.dispatch;
  const told = useRef<Json>(held);
  const untold = useRef<Json>(undefined);
  const pause = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(pause.current), []);
  const tell = (): void => {
    clearTimeout(pause.current);
    if (!untold.current) return;
    const payload = (told.current = untold.current);
    untold.current = undefined;
    void change(payload, true);
  };
  const enter = (payload: Json, empty: boolean): void => {
    if (!acts || (element.confirm && !empty)) return void change(payload);
    surface.set(block, element, payload, false);
    untold.current = empty ? undefined : payload;
    clearTimeout(pause.current);
    if (!empty) pause.current = setTimeout(tell, PAUSE);
  };
  const kind = { datepicker: "date", timepicker: "time", datetimepicker: "datetime-local" }[element.type as string]!;
  const name = { datepicker: "selected_date", timepicker: "selected_time", datetimepicker: "selected_date_time" }[element.type as string]!;
  const shown = kind === "datetime-local" && held[name] ? local(Number(held[name])) : (held[name] ?? "");
  return (
    <input
      type={kind}
      className="field fit"
      id={label?.id}
      aria-describedby={label?.describedBy}
      aria-label={label ? undefined : plain(element.placeholder?.text ?? "Choose a date and time")}
      value={shown}
      onChange={(event) => {
        const value = event.target.value;
        enter({ [name]: !value ? null : kind === "datetime-local" ? Math.round(new Date(value).getTime() / 1000) : value }, !value);
      }}
      onKeyDown={(event) => event.key === "Enter" && tell()}
      onBlur={() => (shown || !acts ? tell() : surface.set(block, element, told.current, false))}
    />
  );
}

function local(at: number): string {
  const date = new Date(at * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
}

/* Texts */

function TextInput(props: Props): ReactNode {
  const { element, label } = props;
  const [held, change] = useValue(props);
  const rich = element.type === "rich_text_input";
  const shown: string = rich ? richToText(held.rich_text_value) : (held.value ?? "");
  const on = label?.dispatch ? (element.dispatch_action_config?.trigger_actions_on ?? ["on_enter_pressed"]) : [];
  const value = (text: string): Json => (rich ? { rich_text_value: textToRich(text) } : { value: text === "" ? null : text });
  const common = {
    className: "field",
    id: label?.id,
    "aria-describedby": label?.describedBy,
    "aria-label": label ? undefined : plain(element.placeholder?.text ?? "Text"),
    placeholder: element.placeholder?.text,
    value: shown,
    maxLength: element.max_length,
    autoFocus: element.focus_on_load,
    onChange: (event: { target: { value: string } }) => void change(value(event.target.value), on.includes("on_character_entered")),
    onKeyDown: (event: React.KeyboardEvent) => {
      if (event.key === "Enter" && !event.shiftKey && on.includes("on_enter_pressed") && !element.multiline) {
        event.preventDefault();
        void change(value(shown), true);
      }
    },
  };
  if (element.multiline || rich) return <textarea {...common} rows={4} />;
  if (element.type === "number_input")
    return <input {...common} type="text" inputMode={element.is_decimal_allowed ? "decimal" : "numeric"} maxLength={undefined} />;
  return <input {...common} type={element.type === "email_text_input" ? "email" : element.type === "url_text_input" ? "url" : "text"} />;
}

const richToText = (value: Json | undefined): string =>
  ((value?.elements ?? []) as Json[]).map((part) => ((part.elements ?? []) as Json[]).map((bit) => bit.text ?? "").join("")).join("\n");

const textToRich = (text: string): Json => ({ type: "rich_text", elements: [{ type: "rich_text_section", elements: text ? [{ type: "text", text }] : [] }] });

function FileInput(props: Props): ReactNode {
  const [held, change] = useValue(props);
  const most = props.element.max_files ?? 10;
  return (
    <div>
      <input
        type="file"
        className="field"
        id={props.label?.id}
        aria-describedby={props.label?.describedBy}
        multiple={most > 1}
        accept={(props.element.filetypes as string[] | undefined)?.map((type) => `.${type}`).join(",")}
        onChange={async (event) => {
          const files = [...(event.target.files ?? [])].slice(0, most);
          const read = await Promise.all(files.map(async (file) => ({ name: file.name, mimetype: file.type, size: file.size, content: await base64(file) })));
          void change({ files: read });
        }}
      />
      {held.files?.length > 0 && <small>{held.files.map((file: Json) => file.name).join(", ")}</small>}
    </div>
  );
}
