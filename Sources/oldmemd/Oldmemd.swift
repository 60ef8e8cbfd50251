// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

import Memory

@main
struct Oldmemd {
  static func main() {
    print(Frame.size)
  }
}
