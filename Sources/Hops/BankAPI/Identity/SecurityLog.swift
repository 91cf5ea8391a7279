public import Ledger

/// The answer of `GET /v1/security-log`, an operator's: from the newest event to the oldest.
public struct SecurityLogPage: Sendable, Hashable, Codable {
    public struct Event: Sendable, Hashable, Codable {
        /// Each event's is larger than those of the events before it.
        public var number: Int64
        public var at: Timestamp
        /// What happened, such as `login` or `login_refused`.
        public var event: String
        /// Whom it is about; absent when that is nobody the bank knows.
        public var user: String?
        /// Who did it, when it was somebody else.
        public var by: String?
        /// The address that it came from.
        public var source: String?
        public var traceID: String?

        public init(
            number: Int64, at: Timestamp, event: String, user: String?, by: String?,
            source: String?, traceID: String?
        ) {
            self.number = number
            self.at = at
            self.event = event
            self.user = user
            self.by = by
            self.source = source
            self.traceID = traceID
        }

        private enum CodingKeys: String, CodingKey {
            case number, at, event, user, by, source
            case traceID = "trace_id"
        }
    }

    public var events: [Event]
    /// What to ask the next page with; `nil` on the last one.
    public var nextPageToken: String?

    public init(events: [Event], nextPageToken: String?) {
        self.events = events
        self.nextPageToken = nextPageToken
    }

    private enum CodingKeys: String, CodingKey {
        case events
        case nextPageToken = "next_page_token"
    }
}
