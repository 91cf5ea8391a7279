import TestSupport

extension SeededGenerator {
    /// A number whose magnitude, rather than value, is uniform: small ones are as likely as large.
    mutating func int64() -> Int64 {
        Int64(bitPattern: next()) >> Int64.random(in: 0...63, using: &self)
    }

    mutating func accountNumber() throws -> (bank: String, number: Int64) {
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
        var bank = ""
        for _ in 0..<4 {
            bank.append(letters[Int.random(in: 0..<26, using: &self)])
        }
        let digits = Int.random(in: 1...10, using: &self)
        let bound = (0..<digits).reduce(Int64(1)) { power, _ in power * 10 }
        return (bank, Int64.random(in: 0..<bound, using: &self))
    }
}
