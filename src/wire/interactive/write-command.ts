import {
  audioPacketBytes,
  maxTextBytes,
  maxVisitorIdCharacters,
  type AudioCommand,
  type Command,
  type StreamCommand,
  type TextCommand,
} from './command-types.js';
import { maxFragmentBytes } from '../request.js';
import { codePointLength } from '../text.js';
import { checkNotEmpty, checkRequestId, checkSequence, checkText, limit } from './limits.js';
import { defined } from './payload-reader.js';

/** The JSON text of one frame of the channel, after checking every documented limit; throws ERR_WIRE_LIMIT. */
export function writeCommand(command: Command): string {
  return JSON.stringify({ Header: {}, Payload: commandPayload(command) });
}

/** The payload alone, which the channel and the REST call share. */
export function commandPayload(command: Command): Record<string, unknown> {
  checkRequestId(command.requestId);
  checkNotEmpty('sessionId', command.sessionId);
  return { ReqId: command.requestId, SessionId: command.sessionId, ...body(command) };
}

function body(command: Command): { Command: string; Data: Record<string, unknown> } {
  switch (command.kind) {
    case 'text':
      return { Command: 'SEND_TEXT', Data: textData(command) };
    case 'stream':
      return { Command: 'SEND_STREAMTEXT', Data: streamData(command) };
    case 'audio':
      return { Command: 'SEND_AUDIO', Data: audioData(command) };
    case 'heartbeat':
      return { Command: 'SEND_HEARTBEAT', Data: { Text: 'PING' } };
    default:
      throw limit('kind', 'text, stream, audio or heartbeat', String((command as { kind: unknown }).kind));
  }
}

function textData(command: TextCommand): Record<string, unknown> {
  checkText(command.text, maxTextBytes);
  if (command.text === '' && command.interrupt !== true) {
    throw limit('text', 'at least one character, or interrupt', 'an empty string');
  }
  if (codePointLength(command.visitorId ?? '') > maxVisitorIdCharacters) {
    throw limit('visitorId', `at most ${maxVisitorIdCharacters} characters`, 'more');
  }
  return defined({
    Text: command.text === '' ? undefined : command.text,
    Interrupt: command.interrupt,
    ChatCommand: command.asIs === true ? 'NotUseChat' : undefined,
    ChatRoundId: command.roundId,
    CloudAiVisitorBizId: command.visitorId,
    SmartActionEnabled: command.smartActions,
    VideoSeiInfo: command.seiInfo,
  });
}

function streamData(command: StreamCommand): Record<string, unknown> {
  checkText(command.text, maxFragmentBytes);
  checkSequence(command.sequence);
  if (command.interrupt === true && command.text !== '')
    throw limit('text', 'no text beside interrupt', 'a text');
  if (command.insert === true && command.clause !== true) {
    throw limit('insert', 'clause mode beside it', 'a packet that is no clause');
  }
  return defined({
    Text: command.text,
    Seq: command.sequence,
    IsFinal: command.final,
    Interrupt: command.interrupt,
    SmartActionEnabled: command.smartActions,
    IsSentence: command.clause,
    IsInsertSentence: command.insert,
  });
}

function audioData(command: AudioCommand): Record<string, unknown> {
  const bytes = command.pcm.byteLength;
  checkSequence(command.sequence);
  if (bytes > audioPacketBytes || bytes % 2 !== 0) {
    throw limit('pcm', `an even number of at most ${audioPacketBytes} bytes`, `${bytes} bytes`);
  }
  if (command.final !== (bytes === 0)) {
    throw limit(
      'pcm',
      command.final ? 'no sound in the final packet' : 'sound in a packet that is not final',
      `${bytes} bytes`,
    );
  }
  return defined({
    Audio: Buffer.from(command.pcm.buffer, command.pcm.byteOffset, bytes).toString('base64'),
    Seq: command.sequence,
    IsFinal: command.final,
    Interrupt: command.interrupt,
    VideoSeiInfo: command.seiInfo,
  });
}
