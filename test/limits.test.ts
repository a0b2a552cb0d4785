import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isBlank, refuseName, refuseTags, textOrNone, tidyText } from '../src/limits.ts';
import { refuseReason } from '../src/task/escalation/rules.ts';

// Space, zero width space and joiners, soft hyphen, byte order mark, word joiner, marks of direction, variation selector,
// fillers of Hangul, tags, control characters, the blank of Braille, marks of annotations, and of music its null notehead
// and beams and slurs.
const UNSEEN = [
  ...' \t\n\u00a0\u3000\u200b\u200c\u200d\u00ad\ufeff\u2060\u200e\u202e\u2066\ufe0f\u115f\u1160\u3164\uffa0\u{e0020}\u0001\u2800\ufff9\ufffa\ufffb\u{1d159}\u{1d173}\u{1d17a}',
];

describe('a text', () => {
  it('is blank that nobody sees anything of, however long', () => {
    expect([isBlank(''), isBlank(null), isBlank(undefined)]).toEqual([true, true, true]);
    const unseen = fc.array(fc.constantFrom(...UNSEEN)).map((all) => all.join(''));
    fc.assert(fc.property(unseen, (text) => isBlank(text)));
    for (const seen of ['x', '日', '\u0301', '👩‍🚀', '❤️', '0', '\u0600', '-'])
      fc.assert(fc.property(unseen, unseen, (before, after) => !isBlank(before + seen + after)));
  });

  it('that is blank is no name, tag or reason, and none where there need not be one', () => {
    for (const blank of ['', ' ', ...UNSEEN, '\u200b \u2060']) {
      const refusals = [refuseName(blank, ['name']), refuseTags(['a', blank], ['tags']), refuseReason(blank)];
      expect(refusals.map((refusal) => refusal?.path.join('.'))).toEqual(['name', 'tags.1', 'reason']);
      expect([tidyText(blank), textOrNone(blank)]).toEqual([null, null]);
    }
    expect(tidyText(' \u200ba ')).toBe('\u200ba');
    expect(textOrNone(' a\n')).toBe(' a\n');
    expect(refuseName('\u200ba', ['name'])).toBeNull();
  });
});
