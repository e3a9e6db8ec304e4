package import Settings

/// Recipe that cannot be used: one sentence with the file, the line and the reason.
package typealias RecipeError = SettingsError
