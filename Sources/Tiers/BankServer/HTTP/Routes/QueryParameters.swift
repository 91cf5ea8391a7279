import BankAPI
import Bytes
import Ledger

/// The query of a request, each parameter known and there once.
struct QueryParameters: Sendable {
    private var values: [Substring: String] = [:]

    /// - Parameters:
    ///   - query: What follows the question mark of the request's target.
    ///   - names: Those that there may be.
    /// - Throws: When a parameter is repeated, not one of `names` or badly encoded.
    init(_ query: Substring, names: [String] = []) throws(Problem) {
        for parameter in query.utf8.split(separator: UInt8(ascii: "&")) {
            let nameBytes = parameter.prefix { $0 != UInt8(ascii: "=") }
            let name = Substring(nameBytes)
            guard names.contains(where: { $0 == name }) else {
                let list = names.joined(separator: ", ")
                throw .invalid(
                    names.isEmpty
                        ? "This path takes no query parameters."
                        : "This path takes the query parameters \(list).")
            }
            let text = Substring(parameter[nameBytes.endIndex...].dropFirst())
            guard let value = text.percentDecoded else {
                throw .invalid("The value of \(name) is not percent-encoded UTF-8.")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .invalid("A query parameter appears twice.")
            }
        }
    }

    subscript(name: String) -> String? { values[name[...]] }

    func pageSize(_ name: String) throws(Problem) -> Int32 {
        guard let text = self[name] else { return Int32(BankRoute.defaultPageSize) }
        guard let size = text.wholeNumber, (1...Int64(BankRoute.largestPageSize)).contains(size)
        else {
            throw .pageSizeInvalid
        }
        return Int32(size)
    }

    func time(_ name: String) throws(Problem) -> Timestamp? {
        guard let text = self[name] else { return nil }
        guard let time = Timestamp(text) else {
            throw Problem(
                .timeInvalid,
                detail: "\(name) must be a time of RFC 3339, such as 2026-01-31T09:30:00Z.")
        }
        return time
    }

    func version(_ name: String) throws(Problem) -> Int64? {
        guard let text = self[name] else { return nil }
        guard let version = text.wholeNumber else {
            throw .invalid("\(name) must be a whole number that is not negative.")
        }
        return version
    }

    /// - Returns: An empty one for the first page.
    func pageToken(_ name: String) throws(Problem) -> String {
        guard let text = self[name] else { return "" }
        guard !text.isEmpty else { throw .pageTokenInvalid }
        return text
    }
}

extension String {
    /// Of digits alone; `nil` when it is none, or past Int64.
    fileprivate var wholeNumber: Int64? {
        utf8.allSatisfy(\.isASCIIDigit) ? Int64(self) : nil
    }
}
