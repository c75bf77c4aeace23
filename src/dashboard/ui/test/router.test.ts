import { describe, expect, it } from 'vitest';
import { jobPath, parseRoute, pathTo, searchPath } from '../src/router';

const pageOf = (path: string, search = '') => parseRoute(path, search).page;

describe('routes', () => {
  it('know the pages', () => {
    expect(pageOf('')).toBe('overview');
    expect(pageOf('jobs')).toBe('jobs');
    expect(pageOf('jobs/')).toBe('jobs');
    expect(pageOf('settings')).toBe('settings');
    for (const path of ['nothing', 'overview', 'queues/mail', 'jobs/1/2', 'jobs/%E0%A4%A']) {
      expect(pageOf(path), path).toBe('unknown');
    }
  });

  it('bring any id through unharmed', () => {
    for (const id of ['0197811d-9081-7543-a5a4-ef8856cc5cf7', 'a/b', '../x', '%2F', 'ä 🚀?#']) {
      expect(parseRoute(jobPath(id), '')).toMatchObject({ page: 'job', id });
    }
  });

  it('keep the search in the address', () => {
    const path = searchPath('state:Failed error:"a & b" #1');
    const [, search] = path.split('?');
    expect(parseRoute('jobs', `?${search}`).query.get('q')).toBe('state:Failed error:"a & b" #1');
    expect(pathTo('jobs', { q: '' })).toBe('jobs');
  });
});
