extension Refusal {
    /// Why no account can be opened so; nil when one can.
    ///
    /// - Parameter overdraftLimit: In minor units, not negative.
    public init?(openingNamed name: ShortText, overdraftLimit: Int64) {
        if !name.isVisible {
            self = .nameInvisible
        } else if overdraftLimit > LedgerLimits.balance {
            self = .amountTooLarge
        } else {
            return nil
        }
    }
}
