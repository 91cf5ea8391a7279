import ArgumentParser
import Ledger

/// Texts of people from the command line. What is wrong with one is said without repeating it.
enum TextArguments {
    static func memo(_ text: String?) throws -> ShortText? {
        try text.map { try shortText($0, "--memo: a memo") }
    }

    static func shortText(_ text: String, _ name: String) throws -> ShortText {
        do throws(ShortTextError) {
            return try ShortText(visible: text)
        } catch {
            throw ValidationError("\(name) \(error)")
        }
    }

    /// - Parameter option: what it was given by, such as `--owner: `.
    static func userName(_ text: String, _ option: String = "") throws -> UserName {
        guard let user = UserName(text) else {
            throw ValidationError(
                "\(option)a user's name has 2 to 32 lower-case letters, digits, dots, hyphens and "
                    + "underscores, a letter first")
        }
        return user
    }

    /// The id of a hold or of a transfer.
    static func identifier(_ text: String, _ name: String) throws(TellerError) -> Identifier {
        guard let identifier = Identifier(text) else {
            throw .invalid(
                "'\(text.printable.shortened(toColumns: 40))' is not the id of a \(name): "
                    + "a UUID is expected, such as \(Identifier.example)")
        }
        return identifier
    }
}

extension Identifier {
    static let example = "0197f3c2-5b1e-7c40-9d2a-3f6b8e1c7a55"
}
