import { digitsEnd, isVisible } from './ascii';
import { ERROR, FATAL, INFO, UNKNOWN, WARN } from './levels';
import { addField, CALLER, textEvent, THREAD, TIMESTAMP } from './text-event';
import { isKlogTime, KLOG_TIME, readKlogTime } from './text-times';
import { wrapTime } from './wrap';

/*
 * Kubernetes' klog and Google's glog: `I0102 03:04:05.678901   12345 file.go:67] text`, as `parseKlog` of the host
 * reads it.
 */

const LONGEST_CALLER: usize = 256;

export function readKlog(at: usize, end: usize, received: i64): bool {
  if (!isKlogTime(at + 1, end) || !readKlogTime(at + 1, received)) return false;
  const level = levelOf(load<u8>(at));
  if (level === UNKNOWN) return false;
  textEvent.level = level;
  const time = at + 1;
  at = time + KLOG_TIME;
  if (wrapTime.kind !== 0) addField(TIMESTAMP, time, at);
  if (load<u8>(at) !== 0x20) return false;
  while (at < end && load<u8>(at) === 0x20) at++;
  const thread = at;
  at = digitsEnd(at, end);
  if (at === thread || at + 2 > end || load<u8>(at) !== 0x20) return false;
  addField(THREAD, thread, at);
  const caller = ++at;
  while (at < end && isVisible(load<u8>(at)) && load<u8>(at) !== 0x5d) at++;
  if (at === caller || at - caller > LONGEST_CALLER || at === end || load<u8>(at) !== 0x5d) return false;
  addField(CALLER, caller, at);
  at++;
  if (at < end && load<u8>(at) === 0x20) at++;
  textEvent.message = at;
  return at < end;
}

function levelOf(letter: u8): i32 {
  switch (letter) {
    case 0x49:
      return INFO;
    case 0x57:
      return WARN;
    case 0x45:
      return ERROR;
    case 0x46:
      return FATAL;
    default:
      return UNKNOWN;
  }
}
