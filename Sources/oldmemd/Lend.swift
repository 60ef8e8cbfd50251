enum Lend { static func run() -> Never { fatalError() } }
