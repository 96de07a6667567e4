import { CSPProvider } from "@base-ui/react/csp-provider";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "@fontsource-variable/figtree/wght.css";
import "@fontsource-variable/figtree/wght-italic.css";
import "./styles/base.css";
import "./styles/dialogs.css";
import "./styles/workspace.css";
import "./styles/messages.css";
import "./styles/composer.css";
import "./styles/narrow.css";
import "./styles/charts.css";
import "./styles/blocks.css";
import "./styles/chrome.css";
import { App } from "./ui/App.tsx";
import { useTheme } from "./theme.ts";

useTheme.begin();
createRoot(document.getElementById("page")!).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <App />
    </CSPProvider>
  </StrictMode>,
);
