import type { CreateByProject } from '../../wire/interactive/session-types.js';

type Wishes = Pick<CreateByProject, 'backgrounds' | 'foregrounds' | 'alphaChannel'>;

/** One sentence for each thing that the creation of a session asks for and the drawn face cannot show. */
export function withoutEffect({ backgrounds, foregrounds, alphaChannel }: Wishes): string[] {
  const sentences: string[] = [];
  if (backgrounds !== undefined || foregrounds !== undefined) {
    sentences.push(
      'the layers of Backgrounds and Foregrounds are not shown: the documents do not tell their fields; what is behind the face is set for the whole server',
    );
  }
  if (alphaChannel === true)
    sentences.push('AlphaChannelEnable has no effect: the stream has no alpha channel');
  return sentences;
}
