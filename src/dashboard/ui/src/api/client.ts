import { session } from '../state/session';
import { learnServerTime } from '../state/clock';
import type { Problem, Session } from './types';

export class ApiError extends Error {
  constructor(
    readonly status: number, // 0: no answer at all
    message: string,
  ) {
    super(message);
  }
}

export type Query = Record<string, string | number | undefined | null>;

export function apiUrl(path: string, query: Query = {}): string {
  const url = new URL(`api/v1/${path}`, document.baseURI);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '')
      url.searchParams.set(name, `${value}`);
  }
  return url.href;
}

async function request<T>(url: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await fetch(url, { ...init, credentials: 'same-origin' });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, '');
  }
  if (!response.ok) throw new ApiError(response.status, await explain(response));
  if (response.status === 204) return undefined as T;
  const answer = (await response.json()) as T;
  const now = (answer as { now?: unknown } | null)?.now;
  if (typeof now === 'string') learnServerTime(now);
  return answer;
}

async function explain(response: Response): Promise<string> {
  try {
    const problem = (await response.json()) as Partial<Problem>;
    return problem.detail || problem.title || response.statusText;
  } catch {
    return response.statusText;
  }
}

export function get<T>(path: string, query: Query = {}, signal?: AbortSignal): Promise<T> {
  return request<T>(apiUrl(path, query), { signal, headers: { Accept: 'application/json' } });
}

function send<T>(path: string, body: object): Promise<T> {
  return request<T>(apiUrl(path), {
    method: 'POST',
    headers: {
      Accept: 'application/json',
      'Content-Type': 'application/json',
      'X-Portfire-Token': session.value?.token ?? '',
    },
    body: JSON.stringify(body),
  });
}

/** A change. The token may be that of a process that is gone, or of another one: it is renewed once. */
export async function post<T>(path: string, body: object = {}): Promise<T> {
  try {
    return await send<T>(path, body);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403) throw error;
    const before = session.value?.token;
    session.value = await get<Session>('session');
    if (session.value.token === before) throw error;
    return send<T>(path, body);
  }
}

/** A path segment of ids and names, which may hold anything. */
export const segment = encodeURIComponent;
