/* markdown blocks, loaded only when there is one. */

import type { ReactNode } from "react";
import Markdown from "react-markdown";
import remarkGfm from "remark-gfm";
import { Link } from "./mrkdwn.tsx";

export default function MarkdownBlock({ text }: { text: string }): ReactNode {
  return (
    <div className="markdown">
      <Markdown
        remarkPlugins={[remarkGfm]}
        components={{ a: ({ href, children }) => <Link to={href ?? ""}>{children}</Link>, img: ({ alt }) => <span className="picture-off">{alt}</span> }}
      >
        {text}
      </Markdown>
    </div>
  );
}
