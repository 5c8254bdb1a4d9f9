export { EndpointDriver } from './endpoint-driver.js';
export { Drive } from './drive.js';
export type { DriveTimes } from './drive-setup.js';
export { StreamDrive } from './stream-drive.js';
export type { DriveMedia, PushReportLike, TimingName } from './drive-media.js';
export type * from './events.js';
export type { DriveOptions, EndpointDriverOptions, TextDriveOptions } from './options.js';
export type { ConnectionTimes, Environment } from './connection.js';
export type { TimeReference } from './time-base.js';
