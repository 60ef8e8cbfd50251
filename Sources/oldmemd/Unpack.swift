import Activation
import Supervisor

enum Unpack {
  static func run(into root: Handover.Root, _ report: borrowing StepReport)
    -> Int32
  { 3 }
}
