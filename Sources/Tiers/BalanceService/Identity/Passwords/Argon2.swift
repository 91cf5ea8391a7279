import CArgon2
import Chain

/// Argon2id (RFC 9106), as libargon2 has it; hashes are in PHC's string format, with their parameters.
struct Argon2: Sendable {
    struct Failure: Error, CustomStringConvertible {
        let code: Int32

        var description: String {
            let text = argon2_error_message(code).map { String(cString: $0) }
            return "Argon2: \(text ?? "error \(code)")"
        }
    }

    private static let saltBytes = 16
    private static let hashBytes = 32
    /// Longer than any hash of these parameters.
    private static let encodedBytes = 256

    /// OWASP's first choice of parameters: 46 MiB, one pass, some 90 ms of one core.
    var passes: UInt32 = 1
    var kibibytes: UInt32 = 47104

    func hash(_ password: Secret) throws(Failure) -> String {
        let salt = [UInt8].random(Self.saltBytes)
        let typed = Array(password.text.utf8)
        var encoded = [CChar](repeating: 0, count: Self.encodedBytes)
        let code = argon2id_hash_encoded(
            passes, kibibytes, 1, typed, typed.count, salt, salt.count, Self.hashBytes, &encoded,
            encoded.count)
        guard code == ARGON2_OK.rawValue else { throw Failure(code: code) }
        let text = encoded.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return String(decoding: text, as: UTF8.self)
    }

    func isMatch(_ password: Secret, _ hash: String) throws(Failure) -> Bool {
        let typed = Array(password.text.utf8)
        let code = argon2id_verify(hash, typed, typed.count)
        switch code {
        case ARGON2_OK.rawValue: return true
        case ARGON2_VERIFY_MISMATCH.rawValue: return false
        default: throw Failure(code: code)
        }
    }
}

extension [UInt8] {
    /// From the system's generator, which is fit for secrets.
    static func random(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in .random(in: .min ... .max, using: &generator) }
    }
}
