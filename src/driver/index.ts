export { EndpointDriver } from './endpoint-driver.js';
export { Drive, type DriveTimes } from './drive.js';
export { StreamDrive } from './stream-drive.js';
export type { DriveMedia, PushReportLike, TimingName } from './drive-media.js';
export type * from './events.js';
export type { DriveOptions, EndpointDriverOptions, TextDriveOptions } from './options.js';
export type { ConnectionTimes, Environment } from './connection.js';
export type { TimeReference } from './time-base.js';
export * from './interactive/index.js';
