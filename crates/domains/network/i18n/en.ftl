# Places and organisations
network-kind-guidance-centre = City guidance centre
network-kind-college = Community college
network-kind-school = Community school
network-kind-centre = Learning centre
network-kind-senior-university = University for older people
network-kind-remote-school = Remote school for older people
network-kind-remote-point = Remote teaching point
network-kind-base = Experience base
network-kind-library = Library
network-kind-museum = Museum
network-kind-culture-centre = Culture centre
network-kind-sports-venue = Sports venue

# List of organisations
network-list-name = Name
network-list-region = Area
network-list-level = Level
network-list-kind = Kind
network-list-status = Status
network-list-offers = Published offers
network-list-phone = Telephone
network-list-address = Address
network-list-hours = Opening hours
network-list-founded = Founded
network-list-closed = Closed on
network-list-links = See
network-level-city = City
network-level-county = District or county
network-level-township = Street, town or township
network-level-village = Neighbourhood or village
network-status-open = Open
network-status-closed = Closed

# Errors
error-network-no-region = There is no division with this code.
error-network-no-parent = There is no such organisation to stand above.
error-network-parent-closed = The organisation above is closed; nothing can be founded below it.
error-network-bad-place = A longitude lies between -180 and 180, a latitude between -90 and 90.
error-network-has-children = { $n } { $n ->
    [one] organisation below is
   *[other] organisations below are
} still open. Deal with them first.
error-network-already-closed = This organisation is closed already.
error-network-bad-file = The file is not a table as prescribed: separated by commas, names of columns in the first line, all needed columns present.
error-network-bad-parent = The division above does not exist, or the code does not lie inside it.
error-network-bad-population = A population is a whole number from 0.
error-network-twice = The same code stands in the file twice.
