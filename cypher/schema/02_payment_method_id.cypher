// name: 02_payment_method_id
// parameters: none
// purpose: One node for each PaymentMethod id.
CREATE CONSTRAINT payment_method_id IF NOT EXISTS FOR (n:PaymentMethod) REQUIRE n.id IS UNIQUE
