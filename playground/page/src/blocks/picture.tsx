/* Images. The page loads nothing from the network, so those that lie elsewhere are drawn as their words and a link, and
   people's pictures as their faces on the page. */

import { useState, type ReactNode } from "react";
import { Icon } from "../icons.tsx";
import { current } from "../store.ts";
import type { Json, Person } from "../types.ts";
import { Avatar, letters } from "../ui/Avatar.tsx";

export function Picture({ image, small }: { image: Json; small?: boolean }): ReactNode {
  const [broken, setBroken] = useState(false);
  const url: string = image.image_url ?? image.slack_file?.url ?? image.url ?? "";
  const near = /^data:image\//.test(url) || url.startsWith("/") || url.startsWith("blob:");
  const words = image.alt_text ?? "";
  if (near && !broken) return <img className={small ? "picture small" : "picture"} src={url} alt={words} onError={() => setBroken(true)} loading="lazy" />;
  const person = small ? pictured(url) : undefined;
  if (person)
    return (
      <span className="face" role="img" aria-label={words} title={words}>
        <Avatar person={person} size={20} />
      </span>
    );
  if (small)
    return (
      <span className="picture-off small" role="img" aria-label={words} title={words}>
        {letters(words) || "?"}
      </span>
    );
  return (
    <span className="picture-off">
      <Icon name="eye" />
      <span>{words || "Image"}</span>
      {/^https:/.test(url) && (
        <a href={url} target="_blank" rel="noreferrer noopener">
          Open image
        </a>
      )}
    </span>
  );
}

function pictured(url: string): Person | undefined {
  return Object.values(current().people).find(({ picture }) => url.includes(`/${picture}_`));
}
