// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

// The names that dmesg and syslog(3) have.

extension LogRecord {
  /// The level's name, of 0 to 7.
  public static func name(ofLevel level: UInt8) -> StaticString {
    switch level {
    case 0: "emerg"
    case 1: "alert"
    case 2: "crit"
    case 3: "err"
    case 4: "warn"
    case 5: "notice"
    case 6: "info"
    default: "debug"
    }
  }

  /// The facility's name; those without one of their own are all local.
  public static func name(ofFacility facility: UInt8) -> StaticString {
    switch facility {
    case 0: "kern"
    case 1: "user"
    case 2: "mail"
    case 3: "daemon"
    case 4: "auth"
    case 5: "syslog"
    case 6: "lpr"
    case 7: "news"
    case 8: "uucp"
    case 9: "cron"
    case 10: "authpriv"
    case 11: "ftp"
    default: "local"
    }
  }
}
