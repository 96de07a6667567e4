/* How to install the app in a real workspace. */

import { Dialog } from "@base-ui/react/dialog";
import { useState, type ReactNode } from "react";
import { Icon } from "../icons.tsx";
import { useStore } from "../store.ts";

export function Install({ onClose }: { onClose: () => void }): ReactNode {
  const manifest = useStore((state) => state.manifest);
  const [copied, setCopied] = useState(false);
  const json = JSON.stringify(manifest, null, 2);
  return (
    <div className="modal install">
      <header>
        <Dialog.Title className="dialog-title">Install Winsome in your workspace</Dialog.Title>
        <button type="button" className="btn quiet" aria-label="Close" onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      <div className="modal-body">
        <ol className="steps">
          <li>
            <b>Create the app.</b> On <code>api.slack.com/apps</code> choose <i>Create New App</i>, <i>From a manifest</i>, your workspace, and paste the manifest below. Then <i>Install to Workspace</i>.
          </li>
          <li>
            <b>Add two tokens.</b> Copy the <i>Bot User OAuth Token</i> (<code>xoxb-…</code>) and, under <i>Basic Information</i>, generate an <i>App-Level Token</i> with <code>connections:write</code> (<code>xapp-…</code>) into <code>.env</code>:
            <pre>{"cp .env.example .env\nSLACK_BOT_TOKEN=xoxb-…\nSLACK_APP_TOKEN=xapp-…"}</pre>
          </li>
          <li>
            <b>Run it.</b> <code>winsome doctor</code> checks your setup, and <code>winsome run</code> starts the bot. Then type <code>/invite @Winsome</code> in a channel.
          </li>
        </ol>
        <div className="manifest">
          <div className="manifest-head">
            <b>App manifest</b>
            <button
              type="button"
              className="btn"
              onClick={async () => {
                await navigator.clipboard.writeText(json);
                setCopied(true);
                setTimeout(() => setCopied(false), 2000);
              }}
            >
              {copied ? "Copied" : "Copy manifest"}
            </button>
          </div>
          <pre tabIndex={0}>{json}</pre>
        </div>
      </div>
    </div>
  );
}
