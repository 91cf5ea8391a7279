import BankAPI
import Ledger

/// The query of a request, each parameter known and there once.
struct QueryParameters: Sendable {
    private var values: [Substring: String] = [:]

    /// - Parameters:
    ///   - query: What follows the question mark of the request's target.
    ///   - names: Those that there may be.
    /// - Throws: When a parameter is repeated, not one of `names` or badly encoded.
    init(_ query: Substring, names: [String] = []) throws(Problem) {
        guard !query.isEmpty else { return }
        for parameter in query.split(separator: "&") {
            let name = parameter.prefix { $0 != "=" }
            guard names.contains(where: { $0 == name }) else {
                let list = names.joined(separator: ", ")
                throw .invalid(
                    names.isEmpty
                        ? "There are no query parameters here."
                        : "The query parameters are \(list).")
            }
            guard let value = parameter.dropFirst(name.count + 1).percentDecoded else {
                throw .invalid("The value of \(name) is not percent-encoded UTF-8.")
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .invalid("A query parameter is there twice.")
            }
        }
    }

    subscript(name: String) -> String? { values[name[...]] }

    func pageSize(_ name: String) throws(Problem) -> Int32 {
        guard let text = self[name] else { return Int32(BankRoute.defaultPageSize) }
        guard let size = Int32(text), (1...Int32(BankRoute.largestPageSize)).contains(size) else {
            throw .pageSizeInvalid
        }
        return size
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
        guard let version = Int64(text), version >= 0 else {
            throw .invalid("\(name) must be a whole number that is not negative.")
        }
        return version
    }
}
