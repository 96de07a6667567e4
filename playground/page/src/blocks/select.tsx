/* All of Slack's select menus, as one combobox. */

import { Combobox } from "@base-ui/react/combobox";
import { useRef, useState, type ReactNode } from "react";
import { Icon } from "../icons.tsx";
import { useStore } from "../store.ts";
import type { Channel, Json } from "../types.ts";
import { useSurface } from "./context.ts";
import { Plain, plain } from "./mrkdwn.tsx";
import { useValue, type Props } from "./value.ts";

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

export function Select(props: Props): ReactNode {
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
