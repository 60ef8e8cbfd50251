// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Linux
internal import Memory

// What is asked of /dev/ublk-control, each command to its end.

/// ADD_DEV: the driver chooses the number and writes it back, and clears the
/// flags that it does not know.
func addDevice(
  _ shape: UblkDevice.Shape,
  control: borrowing Descriptor,
  ring: inout Ring
) throws(UblkError) -> (number: UInt32, flags: UInt64) {
  let information = deviceInformation(
    depth: shape.depth,
    requestBytes: shape.served(byUserCopy: true).requestBytes,
    process: Process.own
  )
  do throws(Errno) {
    let room = try exchange(
      Operation.addDevice,
      device: .max,
      information.span,
      control: control,
      ring: &ring
    )
    let answer = ByteReader(room.readOnly)
    return (
      (try? answer.u32(at: 12)) ?? 0, (try? answer.u64(at: 24)) ?? 0
    )
  } catch { throw .refused(.addDevice, error) }
}

/// GET_FEATURES, for its own sake: a command that changes nothing.
func getFeatures(
  control: borrowing Descriptor,
  ring: inout Ring
) throws(Errno) {
  let room = InlineArray<8, UInt8>(repeating: 0)
  _ = try exchange(
    Operation.getFeatures,
    device: .max,
    room.span,
    control: control,
    ring: &ring
  )
}

/// SET_PARAMS: size, block size and what may be discarded.
func setParameters(
  _ shape: UblkDevice.Shape,
  of device: UInt32,
  control: borrowing Descriptor,
  ring: inout Ring
) throws(UblkError) {
  let parameters = deviceParameters(
    blocks: shape.blocks,
    requestBytes: shape.requestBytes
  )
  do throws(Errno) {
    _ = try exchange(
      Operation.setParameters,
      device: device,
      parameters.span,
      control: control,
      ring: &ring
    )
  } catch { throw .refused(.setParameters, error) }
}

/// Runs a control command that reads `contents`, and gives back what the
/// driver has made of them.
private func exchange(
  _ operation: UInt32,
  device: UInt32,
  _ contents: Span<UInt8>,
  control: borrowing Descriptor,
  ring: inout Ring
) throws(Errno) -> Mapping {
  var room = try Mapping.anonymous(byteCount: Frame.size)
  var bytes = room.bytes
  for index in contents.indices {
    bytes.storeBytes(of: contents[index], toByteOffset: index, as: UInt8.self)
  }
  let command = controlCommand(
    device: device,
    bufferAddress: UInt64(room.address),
    bufferLength: UInt16(contents.count)
  )
  try perform(operation, command, control: control, ring: &ring)
  return room
}

/// Runs one control command to its end.
func perform(
  _ operation: UInt32,
  _ command: Ring.Payload,
  control: borrowing Descriptor,
  ring: inout Ring
) throws(Errno) {
  try ring.command(
    file: control.number,
    operation: operation,
    userData: UblkDevice.performing,
    command
  )
  // A signal or another completion may end a wait early.
  for _ in 0..<100 {
    try ring.wait(milliseconds: 100)
    while let completion = ring.next() {
      guard completion.userData == UblkDevice.performing else { continue }
      guard completion.result >= 0 else { throw Errno(-completion.result) }
      return
    }
  }
  throw .busy
}
