import BankAPI
import HTTPFront

extension Problem {
    init(_ fault: RequestFault) {
        switch fault {
        case .notHTTP: self.init(.requestInvalid, detail: "That is not HTTP/1.1.")
        case .headTooLarge:
            self.init(
                .headersTooLarge, detail: "The request's head is larger than is accepted.")
        case .bodyEndedEarly: self = .invalid("The body ended early.")
        case .bodyTooLarge(let limit): self = .bodyTooLarge(limit)
        case .bodyTimedOut: self = .deadlineExceeded(tier: .bankServer)
        case .overloaded: self = .overloaded(tier: .bankServer)
        }
    }

    /// - Parameter limit: In bytes.
    static func bodyTooLarge(_ limit: Int) -> Problem {
        Problem(.bodyTooLarge, detail: "A body may have at most \(limit) bytes here.")
    }
}
