"""What Billing refuses with a code: the code and its fixed text go into the problem's `extensions`."""

from collections.abc import Mapping

from devkit.embedded.domain.errors import Plain

#: The fixed text of each code.
MESSAGES: Mapping[str, str] = {
    "default_profile_not_found": "default profile not found",
    "profile_not_found": "profile not found",
    "profile_already_deleted": "profile already deleted",
    "profile_referenced": "profile is referenced by customer overrides",
    "default_profile_cannot_be_deleted": "default profile cannot be deleted",
    "default_profile_cannot_be_unset": "default profile cannot be unset",
    "customer_override_not_found": "customer override not found",
    "invoice_cannot_advance": "invoice cannot advance",
    "invoice_action_not_available": "invoice action not available",
    "invoice_lines_not_billable": "invoice lines are not billable",
    "invoice_delete_failed": "invoice delete failed",
    "invoice_create_no_lines": "the new invoice would have no lines",
    "invoice_create_ubp_line_period_is_empty": "creating an usage based line: truncated period is empty",
    "cannot_update_charge_managed_line": "cannot update charge managed lines, please update the charge instead",
    "cannot_edit_progressively_billed_usagebased_line": (
        "cannot edit usagebased items that are progressively billed, update the charge instead"
    ),
    "invoice_line_feature_key_edit_not_supported": (
        "feature key editing is not supported for charge-managed invoice lines, please delete the charge instead"
    ),
    "invoice_line_tax_config_edit_not_supported": (
        "tax config editing is not supported for charge-managed invoice lines, please delete the charge instead"
    ),
    "invoice_line_zero_amount_delete_instead": (
        "invoice line amount cannot be updated to zero, please delete the line instead"
    ),
    "invoice_line_zero_amount_create": "creating zero amount flat fee invoice lines is not supported",
}


def coded(code: str, *, before: str = "", after: str = "", status: int = 400) -> Plain:
    """The refusal with this code; `before` and `after` stand beside its fixed text, in the detail alone."""
    message = MESSAGES[code]
    extensions = {"code": code, "message": message, "severity": "critical"}
    return Plain(status, f"{before}{message}{after}", extensions)
