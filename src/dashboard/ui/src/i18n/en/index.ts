import { common } from './common';
import { pages } from './pages';

export const en = { ...common, ...pages };
