// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: 2026 The oldmem authors

internal import Foundation
internal import SyntheticVMCore

/// What `make bench` measures.
///
/// `search` looks for 512 MiB of free frames in each VMCORE and in two built
/// machines of 64 GiB, and lets makedumpfile filter the same files, in turn;
/// `scan` judges every page of each, against the same step; `terabyte` does
/// both on a built machine of 1 TiB, which `build` writes to a file; `store` reads, writes and scrubs a block
/// store, against memcpy. Each leaves its figures in .build/bench/figures, of
/// which `report` makes one table and pictures.
@main struct OldmemBench {
  static func main() throws {
    var arguments = CommandLine.arguments.dropFirst()
    let command = arguments.popFirst()
    if command == "find", let path = arguments.first {
      return print(try Find.time(path))
    }
    if command == "census", let path = arguments.first {
      let (seconds, bytes) = try Census.time(path)
      return print(seconds, bytes)
    }
    if command == "build" { return try build(Array(arguments)) }
    var rounds = 7
    var plots: String?
    var files: [String] = []
    while let argument = arguments.popFirst() {
      if argument == "--rounds" {
        guard let count = arguments.popFirst().flatMap({ Int($0) }), count > 0
        else { usage() }
        rounds = count
      } else if argument == "--plots" {
        guard let folder = arguments.popFirst() else { usage() }
        plots = folder
      } else if argument.hasPrefix("-") {
        usage()
      } else {
        files.append(argument)
      }
    }
    do {
      switch command {
      case "search":
        let bench = SearchBench(rounds: rounds)
        print(try bench.table(try files + buildMachines()))
      case "scan": print(try ScanBench(rounds: rounds).table(files))
      case "store": print(try StoreBench.table(rounds: rounds))
      case "terabyte": print(try TerabyteBench.table(rounds: rounds))
      case "report": try BenchReport.run(plots: plots)
      default: usage()
      }
    } catch {
      FileHandle.standardError.write(Data("oldmem-bench: \(error)\n".utf8))
      exit(1)
    }
  }

  /// Writes the built machines where they are not there from the last time.
  static func buildMachines() throws -> [String] {
    let folder = ".build/bench"
    try FileManager.default.createDirectory(
      atPath: folder,
      withIntermediateDirectories: true
    )
    return try [
      ("mixed-64G", BenchMachine.mixed),
      ("fragmented-64G", BenchMachine.fragmented),
    ].map { name, machine in
      let path = "\(folder)/\(name).vmcore"
      if !FileManager.default.fileExists(atPath: path) {
        try machine.build().write(to: path + ".new")
        try FileManager.default.moveItem(atPath: path + ".new", toPath: path)
      }
      return path
    }
  }

  /// Writes one machine to a file, for programs that read files.
  static func build(_ arguments: [String]) throws {
    let machines = [
      "terabyte": BenchMachine.terabyte, "mosaic-1T": BenchMachine.mosaic,
    ]
    guard arguments.count == 2, let machine = machines[arguments[0]] else {
      usage()
    }
    try machine.build().write(to: arguments[1])
  }

  static func usage() -> Never {
    let text = """
      usage: oldmem-bench search|scan|store|terabyte [--rounds N] [VMCORE ...]
             oldmem-bench build terabyte|mosaic-1T FILE
             oldmem-bench report [--plots FOLDER]

      """
    FileHandle.standardError.write(Data(text.utf8))
    exit(2)
  }
}
