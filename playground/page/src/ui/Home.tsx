/* The app's Home tab, as the bot published it for the current person. */

import { useEffect, type ReactNode } from "react";
import { SurfaceContext } from "../blocks/context.ts";
import { Blocks } from "../blocks/index.tsx";
import { ask, useStore } from "../store.ts";
import type { Channel, View } from "../types.ts";
import { useViewSurface } from "./surface.ts";

export function Home({ channel }: { channel: Channel }): ReactNode {
  const home = useStore((state) => state.home);
  const me = useStore((state) => state.me);
  const ready = useStore((state) => state.sandbox.ready);
  useEffect(() => {
    if (ready) void ask("home").catch(() => {});
  }, [channel.id, me, ready]);
  return home ? <Published key={home.id} view={home} /> : <p className="soft">Nothing here yet.</p>;
}

function Published({ view }: { view: View }): ReactNode {
  const surface = useViewSurface(view);
  return (
    <SurfaceContext value={surface}>
      <div className="home">
        <Blocks blocks={view.blocks} />
      </div>
    </SurfaceContext>
  );
}
