import Chain

extension SpelledSecond {
    /// The time as the header field Date has it: RFC 9110, section 5.6.7.
    static func httpDate() -> SpelledSecond { SpelledSecond(format: "%a, %d %b %Y %H:%M:%S GMT") }
}
