/* Everything in Block Kit that one can press, choose or fill in. */

import { Combobox } from "@base-ui/react/combobox";
import { Menu } from "@base-ui/react/menu";
import { useEffect, useId, useRef, useState, type ReactNode } from "react";
import { base64 } from "../files.ts";
import { Icon } from "../icons.tsx";
import { useStore } from "../store.ts";
import type { Channel, Json } from "../types.ts";
import { confirmed } from "./confirm.tsx";
import { useSurface } from "./context.ts";
import { Plain, plain, Text } from "./mrkdwn.tsx";
import { Picture } from "./picture.tsx";

interface Props {
  block: string;
  element: Json;
  /** Inside an input block: the ids of its label and of its hint or error. */
  label?: { id: string; labelledBy: string; describedBy?: string; dispatch: boolean; optional: boolean };
}

export function Element(props: Props): ReactNode {
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

/** What an element holds now: what was chosen, or what it begins with. */
function useValue({ block, element, label }: Props): [Json, (payload: Json, act?: boolean) => Promise<string | null | void>, boolean] {
  const surface = useSurface();
  const [busy, setBusy] = useState(false);
  const held = surface.state[block]?.[element.action_id] ?? initial(element);
  const change = async (payload: Json, act = !label || label.dispatch): Promise<string | null | void> => {
    if (act && element.confirm && !(await confirmed(element.confirm))) return null;
    surface.set(block, element, payload, !act);
    if (!act) return null;
    setBusy(true);
    try {
      return await surface.act(block, element, payload);
    } finally {
      setBusy(false);
    }
  };
  return [held, change, busy];
}

export function initial(element: Json): Json {
  const starts: Json = {};
  for (const [name, value] of Object.entries(element)) {
    if (!name.startsWith("initial_")) continue;
    const rest = name.slice("initial_".length);
    starts[rest === "value" ? (element.type === "rich_text_input" ? "rich_text_value" : "value") : `selected_${rest}`] = value;
  }
  return starts;
}

/* Buttons */

function Button(props: Props): ReactNode {
  const { element } = props;
  const [, change, busy] = useValue(props);
  const [error, setError] = useState<string | null>(null);
  return (
    <>
      <button
        className={`btn ${element.style ?? ""}`}
        aria-label={element.accessibility_label}
        aria-busy={busy}
        onClick={async () => {
          if (element.url && /^https?:/.test(element.url)) window.open(element.url, "_blank", "noopener,noreferrer");
          setError((await change(element.value === undefined ? {} : { value: element.value }, true)) || null);
        }}
      >
        <Plain text={element.text?.text ?? ""} />
        {element.url && <span aria-hidden> ↗</span>}
      </button>
      {error && (
        <span className="btn-error" role="alert" title={error}>
          <Icon name="warn" /> Winsome didn't respond. Try again.
        </span>
      )}
    </>
  );
}

function IconButton(props: Props): ReactNode {
  const [, change, busy] = useValue(props);
  const words = props.element.accessibility_label ?? props.element.text?.text ?? "";
  return (
    <button className="btn quiet" aria-busy={busy} aria-label={words} title={words} onClick={() => change(props.element.value === undefined ? {} : { value: props.element.value }, true)}>
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
          <button key={which} className="btn quiet" aria-pressed={held.value === one.value} aria-label={one.accessibility_label ?? one.text?.text} onClick={() => change({ value: one.value }, true)}>
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

/* Menus: one box for all of Slack's selects */

interface Choice {
  value: string;
  label: string;
  group?: string;
  about?: string;
  raw: Json | string;
}

/** Why a menu opens or changes. Escape closes it, or the form around it: it never empties what was chosen. */
interface Details {
  reason: string;
  cancel: () => void;
  allowPropagation: () => void;
}

interface Section {
  value: string;
  items: Choice[];
}

function Select(props: Props): ReactNode {
  const { block, element, label } = props;
  const surface = useSurface();
  const [held, change, busy] = useValue(props);
  const kind = String(element.type).replace(/^multi_/, "");
  const many = element.type !== kind;
  const team = useTeam(kind, element.filter ?? {});
  const external = kind === "external_select";
  const least: number = element.min_query_length ?? 3;
  const [found, setFound] = useState<Choice[]>([]);
  const [said, setSaid] = useState(external ? lettersToType(least) : "No results");
  const typing = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(0);
  const own = (element.option_groups as Json[] | undefined)?.flatMap((group) => (group.options as Json[]).map((one) => choice(one, group.label.text)));
  const choices = team?.filter((one) => one.offered) ?? (external ? found : (own ?? (element.options ?? []).map((one: Json) => choice(one))));
  const word = { static_select: "option", external_select: "option", users_select: "user", conversations_select: "conversation", channels_select: "channel" }[kind] ?? "option";
  const name = `selected_${word}${many ? "s" : ""}`;
  const now = held[name];
  const chosen: Choice[] = (many ? (now ?? []) : now ? [now] : []).map((each: Json | string) =>
    typeof each === "string" ? (team?.find((one) => one.value === each) ?? { value: each, label: each, raw: each }) : choice(each),
  );
  const look = (typed: string, pause: number): void => {
    clearTimeout(typing.current);
    const asked = ++latest.current;
    if (typed.length < least) {
      setFound([]);
      return setSaid(lettersToType(least));
    }
    setSaid("Searching…");
    typing.current = setTimeout(async () => {
      const offer = await surface.suggest(block, element, typed);
      if (asked !== latest.current) return;
      setFound((offer ?? []).flatMap((one) => (one.options ? (one.options as Json[]).map((each) => choice(each, one.label?.text)) : [choice(one)])));
      setSaid(offer ? "No results" : "Winsome didn't respond. Try again.");
    }, pause);
  };
  const grouped = choices.some((one: Choice) => one.group !== undefined);
  const words = plain(element.placeholder?.text ?? "Choose…");
  const most = element.max_selected_items ?? Infinity;
  const row = (item: Choice): ReactNode => (
    <Combobox.Item key={item.value} value={item} className="item" disabled={many && chosen.length >= most && !chosen.some((one) => one.value === item.value)}>
      <span>
        <Plain text={item.label} />
        {item.about && <small>{item.about}</small>}
      </span>
      <Combobox.ItemIndicator>
        <Icon name="check" />
      </Combobox.ItemIndicator>
    </Combobox.Item>
  );
  const section = (one: Section): ReactNode => (
    <Combobox.Group key={one.value} items={one.items}>
      <Combobox.GroupLabel className="popup-title">
        <Plain text={one.value} />
      </Combobox.GroupLabel>
      <Combobox.Collection>{row}</Combobox.Collection>
    </Combobox.Group>
  );
  const box = (
    <Combobox.Portal>
      <Combobox.Positioner className="positioner" sideOffset={4} align="start">
        <Combobox.Popup className="popup as-wide">
          <Combobox.Empty>
            <div className="empty">{said}</div>
          </Combobox.Empty>
          <Combobox.List className="list">{grouped ? section : row}</Combobox.List>
        </Combobox.Popup>
      </Combobox.Positioner>
    </Combobox.Portal>
  );
  const common = {
    items: (grouped ? sections(choices) : choices) as Choice[],
    isItemEqualToValue: (one: Choice, other: Choice) => one.value === other.value,
    itemToStringLabel: (one: Choice) => one.label,
    onInputValueChange: (typed: string, details: Details) => {
      if (details.reason === "escape-key") details.cancel();
      else if (external && details.reason.startsWith("input-")) look(typed, 200);
    },
    onOpenChange: (open: boolean, { reason }: Details) => void (external && open && least === 0 && !reason.startsWith("input-c") && look("", 0)),
    filter: external ? null : undefined,
  };
  const choose = (value: Choice[] | Choice | null, details: Details): void => {
    if (details.reason === "escape-key") {
      details.cancel();
      details.allowPropagation();
    } else if (Array.isArray(value)) void change({ [name]: value.map((one) => one.raw) });
    else if (value || label?.optional) void change({ [name]: value?.raw ?? null });
  };
  const input = {
    id: label?.id,
    "aria-label": label ? undefined : words,
    "aria-describedby": label?.describedBy,
    placeholder: chosen.length && many ? "" : words,
    "aria-busy": busy,
  };
  if (many)
    return (
      <Combobox.Root {...common} multiple value={chosen} onValueChange={choose}>
        <Combobox.InputGroup className="field combo">
          <Combobox.Chips className="chips" aria-label={chosen.length ? "Chosen" : undefined}>
            {chosen.map((one) => (
              <Combobox.Chip key={one.value} className="chip" aria-label={one.label}>
                <Plain text={one.label} />
                <Combobox.ChipRemove className="chip-x" aria-label={`Remove ${one.label}`}>
                  <Icon name="close" size={10} />
                </Combobox.ChipRemove>
              </Combobox.Chip>
            ))}
            <Combobox.Input {...input} />
          </Combobox.Chips>
        </Combobox.InputGroup>
        {box}
      </Combobox.Root>
    );
  return (
    <Combobox.Root {...common} value={chosen[0] ?? null} onValueChange={choose}>
      <Combobox.InputGroup className="field combo">
        <Combobox.Input {...input} />
        <Combobox.Trigger className="combo-open" aria-label={`Open: ${words}`}>
          <Icon name="down" />
        </Combobox.Trigger>
      </Combobox.InputGroup>
      {box}
    </Combobox.Root>
  );
}

const choice = (option: Json, group?: string): Choice => ({
  value: option.value,
  label: plain(option.text?.text ?? ""),
  group,
  about: option.description?.text,
  raw: option,
});

const lettersToType = (least: number): string => (least === 0 ? "Searching…" : least === 1 ? "Start typing to search" : `Type at least ${least} letters`);

/** Choices under the headings that the bot gave them, in its order. */
function sections(choices: Choice[]): Section[] {
  const all = new Map<string, Choice[]>();
  for (const one of choices) all.set(one.group ?? "", [...(all.get(one.group ?? "") ?? []), one]);
  return [...all].map(([value, items]) => ({ value, items }));
}

/** The people or places that a select knows by itself; `offered` are those whom its filter lets through. */
function useTeam(kind: string, filter: { include?: string[]; exclude_bot_users?: boolean }): (Choice & { offered: boolean })[] | undefined {
  const people = useStore((state) => state.people);
  const channels = useStore((state) => state.channels);
  const me = useStore((state) => state.me);
  if (kind === "users_select") return Object.values(people).map((one) => ({ value: one.id, label: one.real, about: `@${one.name}`, raw: one.id, offered: !one.gone }));
  if (kind !== "conversations_select" && kind !== "channels_select") return undefined;
  const kinds = kind === "channels_select" ? ["public"] : (filter.include ?? ["public", "private", "im"]);
  const isBots = (one: Channel): boolean => one.im && one.members.some((id) => people[id]?.bot);
  return Object.values(channels).map((one) => ({
    value: one.id,
    label: one.im ? (people[one.members.find((id) => id !== me) ?? me]?.real ?? "") : `#${one.name}`,
    raw: one.id,
    offered: !one.archived && kinds.includes(one.im ? "im" : one.private ? "private" : "public") && !(filter.exclude_bot_users && isBots(one)),
  }));
}
