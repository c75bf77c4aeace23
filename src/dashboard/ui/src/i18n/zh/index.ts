import type { Catalogue } from '../catalogue';
import { common } from './common';
import { pages } from './pages';

export const catalogue: Catalogue = { ...common, ...pages };
