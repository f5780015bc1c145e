-- Filled by the new version; the running one does not know the column, and need not.
ALTER TABLE bookings ADD COLUMN paid boolean NOT NULL DEFAULT false;
