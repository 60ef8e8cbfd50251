// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import CStageTwo

/// Owns liblzma's decoder of one .lzma stream.
@safe struct Decoder: ~Copyable {
  enum Refusal: Error {
    case corrupt
    case memory
  }

  /// What one step took from the input and gave to the output, in bytes.
  struct Step {
    let taken: Int
    let given: Int
    let ended: Bool
  }

  private let handle: OpaquePointer

  init() throws(Refusal) {
    // SAFETY: allocates; the handle is freed once, in deinit.
    let made = unsafe stage_decoder_new(ImageLayout.decoderLimit)
    guard let made = unsafe made else { throw .memory }
    unsafe handle = made
  }

  deinit {
    // SAFETY: the handle came from stage_decoder_new and is not used again.
    unsafe stage_decoder_free(handle)
  }

  /// Decodes from `input` to the beginning of `output`, as far as both reach.
  mutating func run(
    _ input: Span<UInt8>,
    into output: inout MutableSpan<UInt8>
  ) throws(Refusal) -> Step {
    let step = unsafe input.withUnsafeBufferPointer { from in
      unsafe output.withUnsafeMutableBufferPointer { to in
        // SAFETY: liblzma reads and writes within the counts given, and
        // keeps neither pointer for later.
        unsafe stage_decoder_run(
          handle,
          from.baseAddress,
          from.count,
          to.baseAddress,
          to.count
        )
      }
    }
    switch Int(step.result) {
    case STAGE_MORE:
      return Step(taken: step.taken, given: step.given, ended: false)
    case STAGE_END:
      return Step(taken: step.taken, given: step.given, ended: true)
    case STAGE_NO_MEMORY: throw .memory
    default: throw .corrupt
    }
  }
}
