"""The models of the app, which its rooms define."""

from psf.accounts.models import CalendarAddress, OneTimePassword, SentReminder, StaffSession
from psf.audit.models import AuditEvent
from psf.caching.data_version import DataVersion
from psf.search.models import SearchNote, SearchWord
