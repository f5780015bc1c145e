CREATE TABLE bookings (
  id bigint PRIMARY KEY,
  service text NOT NULL,
  state text NOT NULL DEFAULT 'booked'
);
