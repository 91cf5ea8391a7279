import BalanceAPI
import GRPCProtobuf
import Ledger

/// Reads an id of a request.
///
/// - Parameter name: Of the id, for the message.
/// - Throws: `GoogleRPCStatus`, INVALID_ARGUMENT.
func readID(_ bytes: some Collection<UInt8>, _ name: String) throws -> Identifier {
    guard let id = Identifier(bytes: bytes) else {
        throw BalanceErrorReason.requestInvalid.status("\(name) is not a UUID of 16 bytes")
    }
    return id
}

/// Reads the currency of a request.
///
/// - Throws: `GoogleRPCStatus`, INVALID_ARGUMENT.
func readCurrency(_ code: String) throws -> Currency {
    do {
        return try Currency(exactly: code)
    } catch {
        throw BalanceErrorReason.currencyInvalid.status(error.description)
    }
}

/// Reads an account number of a request.
///
/// - Throws: `GoogleRPCStatus`, INVALID_ARGUMENT.
func readAccountNumber(_ text: String) throws -> AccountNumber {
    do {
        return try AccountNumber(text)
    } catch {
        throw BalanceErrorReason.requestInvalid.status(error.description)
    }
}

/// Reads a name of a request.
///
/// - Throws: `GoogleRPCStatus`, INVALID_ARGUMENT.
func readName(_ text: String) throws -> ShortText {
    do {
        return try ShortText(text)
    } catch {
        throw BalanceErrorReason.requestInvalid.status("a name \(error)")
    }
}

/// Reads how many of what a page is to hold; zero: as many as is usual.
///
/// - Throws: `GoogleRPCStatus`, INVALID_ARGUMENT.
func readPageSize(_ size: Int32, of what: String) throws -> Int {
    guard (0...Int32(BalanceLimits.largestPageSize)).contains(size) else {
        throw BalanceErrorReason.pageSizeInvalid.status(
            "a page holds 1 to \(BalanceLimits.largestPageSize) \(what)")
    }
    return size == 0 ? BalanceLimits.defaultPageSize : Int(size)
}

/// Reads the name that somebody signs in with.
///
/// - Throws: `GoogleRPCStatus`, INVALID_ARGUMENT.
func readUserName(_ text: String) throws -> UserName {
    guard let name = UserName(text) else {
        throw BalanceErrorReason.requestInvalid.status("the owner is no user's name")
    }
    return name
}
