import { expect, it } from 'vitest';
import { fixed } from '../../src/db/statement.ts';

it('a name is one statement’s: a connection would refuse the second for as long as it lives', () => {
  fixed('test.once', 'SELECT 1');
  expect(() => fixed('test.once', 'SELECT 2')).toThrow('The statement test.once is defined twice.');
  expect(() => fixed('test.once', 'SELECT 1')).toThrow('The statement test.once is defined twice.');
});
