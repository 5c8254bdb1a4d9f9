import { describe, expect, it } from 'vitest';
import { Conversations } from '../../../src/server/answers/conversations.js';

const user = (text: string) => ({ role: 'user', text }) as const;
const assistant = (text: string) => ({ role: 'assistant', text }) as const;

describe('Conversations', () => {
  it('forgets the oldest turns, and begins with a question', () => {
    const memory = new Conversations({ turns: 4 });
    for (const n of [1, 2, 3]) memory.add('a', user(`q${n}`), assistant(`a${n}`));
    expect(memory.of('a').map((turn) => turn.text)).toEqual(['q2', 'a2', 'q3', 'a3']);
    expect(new Conversations({ turns: 3 }).of('a')).toEqual([]);
  });

  it('holds no more bytes than allowed', () => {
    const memory = new Conversations({ bytes: 20 });
    memory.add('a', user('一二三'), assistant('abc'));
    memory.add('a', user('four'), assistant('five'));
    expect(memory.of('a').map((turn) => turn.text)).toEqual(['一二三', 'abc', 'four', 'five']);
    memory.add('a', user('x'), assistant('y'));
    expect(memory.of('a').map((turn) => turn.text)).toEqual(['four', 'five', 'x', 'y']);
    memory.add('a', user('z'.repeat(21)), assistant('y'));
    expect(memory.of('a')).toEqual([]);
  });

  it('forgets the conversation that was unused for longest', () => {
    const memory = new Conversations({ conversations: 2 });
    for (const id of ['a', 'b']) memory.add(id, user(id));
    memory.add('a', user('again'));
    memory.add('c', user('c'));
    expect(['a', 'b', 'c'].map((id) => memory.of(id).length)).toEqual([2, 0, 1]);
    memory.forget('a');
    expect(memory.size).toBe(1);
  });
});
