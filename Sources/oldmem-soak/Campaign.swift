func campaign(seed: UInt64, copies: Int) {}
