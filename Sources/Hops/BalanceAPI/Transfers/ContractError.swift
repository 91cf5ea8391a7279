internal import Ledger

/// A message on hop 2 that its contract does not allow. The text is safe to show.
public struct ContractError: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String

    public init(_ description: String) {
        self.description = description
    }
}

extension Identifier {
    /// Reads a UUID of hop 2.
    ///
    /// - Throws: ``ContractError`` when it has not sixteen bytes.
    init(contract bytes: some Collection<UInt8>, _ name: String) throws(ContractError) {
        guard let value = Identifier(bytes: bytes) else {
            throw ContractError("\(name) is not a UUID of 16 bytes")
        }
        self = value
    }
}

extension AccountNumber {
    init(contract text: String) throws(ContractError) {
        do throws(AccountNumberError) {
            try self.init(text)
        } catch {
            throw ContractError(error.description)
        }
    }
}

extension Money {
    init(contract minorUnits: Int64, _ code: String) throws(ContractError) {
        do throws(CurrencyError) {
            self.init(minorUnits: minorUnits, currency: try Currency(exactly: code))
        } catch {
            throw ContractError(error.description)
        }
    }
}

extension ShortText {
    /// - Returns: nil for the empty text.
    static func contract(_ text: String, _ name: String) throws(ContractError) -> ShortText? {
        guard !text.isEmpty else { return nil }
        do throws(ShortTextError) {
            return try ShortText(text)
        } catch {
            throw ContractError("\(name) \(error)")
        }
    }
}
