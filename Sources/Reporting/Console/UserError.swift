/// A mistake of the user: printed as one sentence; the process then exits with status 2.
package struct UserError: Error, CustomStringConvertible {
    package let description: String
    package init(_ description: String) { self.description = description }
}
