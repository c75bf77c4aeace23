import { render } from 'preact';
import { App, loadSession } from './app';
import { startLive, watchVisibility } from './api/live';
import { loadLanguage, watchLanguage } from './i18n';
import { startRouter } from './router';
import { watchBulks } from './state/bulks';
import { startClock } from './state/clock';
import { session } from './state/session';
import { settings } from './state/settings';
import { startKeys } from './ui/keys';
import './styles/index.css';

function addStyleSheet(): void {
  const address = session.value?.style_sheet;
  if (!address) return;
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = address; // The Content-Security-Policy holds it to this origin.
  document.head.append(link);
}

async function start(): Promise<void> {
  startRouter();
  startKeys();
  startClock();
  watchVisibility();
  // What the visitor may do comes while the page is drawn, and adds the buttons.
  const told = loadSession();
  startLive();
  await loadLanguage(settings.value.language);
  const root = document.getElementById('app');
  if (root) render(<App />, root);
  watchLanguage();
  watchBulks();
  await told;
  addStyleSheet();
}

void start();
